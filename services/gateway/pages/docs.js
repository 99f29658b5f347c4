// Shows the OpenAPI document that this gateway serves, and sends requests to try it.

import { getJson } from "/api.js";
import { translatePage } from "/i18n.js";
import { mountShell, noticeOf } from "/shell.js";
import { make } from "/shell/elements.js";

const template = document.getElementById("operation");

const schemaNamed = (api, reference) => api.components.schemas[reference.split("/").pop()];

/** A JSON value that has the shape of a schema, names of types for values. */
function shape(api, schema, depth = 0) {
  if (schema.$ref) {
    return depth > 6 ? "…" : shape(api, schemaNamed(api, schema.$ref), depth + 1);
  }
  if (schema.anyOf) return shape(api, schema.anyOf[0], depth);
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.type === "array") return [shape(api, schema.items, depth)];
  if (schema.type !== "object") return schema.format ?? schema.contentEncoding ?? schema.type;
  const properties = Object.entries(schema.properties ?? {});
  return Object.fromEntries(properties.map(([name, of]) => [name, shape(api, of, depth)]));
}

function field(name, description, control) {
  const label = document.createElement("label");
  const hint = document.createElement("span");
  hint.textContent = description;
  label.append(name, control, hint);
  return label;
}

function input(options) {
  return Object.assign(document.createElement("input"), options);
}

function fields(api, operation) {
  const found = (operation.parameters ?? []).map((parameter) => field(
    parameter.required ? `${parameter.name} *` : parameter.name,
    parameter.description ?? "",
    input({ name: `${parameter.in}:${parameter.name}`, required: parameter.required }),
  ));
  if (operation.requestBody) found.push(bodyField(api, operation.requestBody.content));
  if (operation.security) {
    found.push(field("consent token", "From POST /v1/consent.", input({ name: "token" })));
  }
  return found;
}

/** A picture or another file to choose, or a text to write, as the operation takes it. */
function bodyField(api, content) {
  if (content["image/jpeg"]) {
    const file = input({ type: "file", name: "file", accept: "image/jpeg,image/png,image/webp" });
    return field("image", "JPEG, PNG or WebP, at most 8 MiB.", file);
  }
  if (!content["application/json"]) {
    return field("file", `Sent as it is: ${Object.keys(content).join(", ")}.`, input({ type: "file", name: "file" }));
  }
  const text = document.createElement("textarea");
  Object.assign(text, { name: "json", rows: 6, value: "{}" });
  text.placeholder = JSON.stringify(shape(api, content["application/json"].schema), null, 1);
  return field("body", "JSON.", text);
}

/** The request that a filled form stands for. A repeated parameter takes values with commas. */
function request(method, path, data, lists) {
  const headers = {};
  const query = new URLSearchParams();
  let url = path;
  for (const [key, value] of data) {
    const [place, name] = key.split(":");
    if (!value || typeof value !== "string") continue;
    if (place === "path") url = url.replace(`{${name}}`, encodeURIComponent(value));
    if (place === "header") headers[name] = value;
    if (place !== "query") continue;
    for (const one of lists.has(name) ? value.split(",") : [value]) query.append(name, one.trim());
  }
  if (data.get("token")) headers.Authorization = `Bearer ${data.get("token")}`;
  const file = data.get("file");
  let body;
  if (file?.size) {
    body = file;
    headers["Content-Type"] = file.type || "application/octet-stream";
  } else if (method === "POST") {
    body = data.get("json") ?? "{}";
    headers["Content-Type"] = "application/json";
  }
  return [query.size ? `${url}?${query}` : url, { method, headers, body }];
}

async function send(form, method, path, lists) {
  const output = form.querySelector("output");
  const answer = form.querySelector("pre");
  const [url, options] = request(method, path, new FormData(form), lists);
  form.querySelector("img")?.remove();
  const start = performance.now();
  const response = await fetch(url, options);
  const kind = response.headers.get("Content-Type") ?? "";
  const took = `${response.status}, ${Math.round(performance.now() - start)} ms, ${url}`;
  answer.hidden = !kind.includes("json");
  if (kind.startsWith("image/")) {
    const picture = new Image();
    picture.alt = "The answer";
    picture.src = URL.createObjectURL(await response.blob());
    form.append(picture);
  } else if (kind.includes("ndjson")) {
    answer.textContent = await response.text();
  } else if (kind.includes("json")) {
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  } else {
    await response.body?.cancel();
  }
  output.textContent = ` ${took}`;
}

function show(api, method, path, operation) {
  const shown = template.content.cloneNode(true);
  const put = (selector, text) => { shown.querySelector(selector).textContent = text; };
  put(".method", method.toUpperCase());
  put(".path", path);
  put(".summary", operation.summary ?? "");
  shown.querySelector(".description").append(...withCode(operation.description ?? ""));
  const content = operation.responses["200"].content;
  const json = content["application/json"];
  put(".shape pre", json ? JSON.stringify(shape(api, json.schema), null, 1) : Object.keys(content).join(", "));
  const form = shown.querySelector("form");
  const parameters = operation.parameters ?? [];
  const lists = new Set(parameters.filter((one) => one.schema.type === "array").map((one) => one.name));
  form.querySelector(".fields").append(...fields(api, operation));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, method.toUpperCase(), path, lists).catch((error) => {
      form.querySelector("output").textContent = ` ${error.message}`;
    });
  });
  return shown;
}

function group(tag) {
  const section = document.createElement("section");
  const heading = document.createElement("h2");
  heading.textContent = tag;
  heading.id = tag;
  section.append(heading);
  link(tag);
  document.getElementById("operations").append(section);
  return section;
}

function link(tag) {
  document.getElementById("groups").append(make("a", { class: "chip", href: `#${tag}`, lang: "en" }, tag));
}

/** Text whose `names` between backticks are code. */
const withCode = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));

function showAll(api) {
  document.getElementById("about").replaceChildren(...withCode(api.info.description));
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const [tag] = operation.tags;
      if (!groups.has(tag)) groups.set(tag, group(tag));
      groups.get(tag).append(show(api, method, path, operation));
    }
  }
  link("live");
  translatePage();
}

await mountShell({ page: "docs" });
try {
  showAll(await getJson("/v1/openapi.json"));
} catch (problem) {
  document.getElementById("operations").append(noticeOf(problem));
}
