import { mountShell } from "/shell.js";

await mountShell({ page: "index" });
