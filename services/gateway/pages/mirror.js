// The mirror: products on the shopper, drawn on the very frames that they were placed in.

import { mountShell } from "/shell.js";
import { MirrorPage } from "/mirror/page.js";

await mountShell({ page: "mirror" });
new MirrorPage().start();
