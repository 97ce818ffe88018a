// What people and the assistant write, as DOM nodes: paragraphs, lists, **bold**, `code`, safe links and
// ticket numbers that stay on one line. Never markup.

import { h } from "./dom.js";

const INLINE = /(\*\*[^*\n]+\*\*)|(`[^`\n]+`)|(https?:\/\/[^\s<>"]+)|([\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(\b[A-Z]{2,5}-\d{3,}\b)/gi;
const ITEM = /^\s*(?:(\d{1,2})[.)]|[-•*])\s+(.*)$/;
const AFTER_LINK = /[.,;:!?'")\]]+$/;

/** `text` as nodes to append. */
export function richText(text) {
  const blocks = [];
  let list = null;
  let lines = [];
  const endParagraph = () => {
    if (lines.length) blocks.push(paragraph(lines));
    lines = [];
  };
  for (const line of text.replace(/\r\n?/g, "\n").trim().split("\n")) {
    const item = ITEM.exec(line);
    if (item) {
      endParagraph();
      list = listFor(list, item[1], blocks);
      list.append(h("li", {}, ...inline(item[2])));
    } else {
      list = null;
      if (line.trim()) lines.push(line);
      else endParagraph();
    }
  }
  endParagraph();
  return blocks;
}

function listFor(list, number, blocks) {
  const tag = number ? "OL" : "UL";
  if (list?.tagName === tag) return list;
  const fresh = h(tag, { start: number && number !== "1" ? number : null });
  blocks.push(fresh);
  return fresh;
}

function paragraph(lines) {
  const nodes = lines.flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line)));
  return h("p", {}, ...nodes);
}

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, match.index));
    const [whole, bold, code, address, , number] = match;
    if (bold) nodes.push(h("strong", {}, bold.slice(2, -2)));
    else if (code) nodes.push(h("code", {}, code.slice(1, -1)));
    else if (number) nodes.push(h("span", { class: "number" }, number));
    else nodes.push(...link(whole, address ? "" : "mailto:"));
    from = match.index + whole.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

function link(text, scheme) {
  const rest = scheme ? "" : (AFTER_LINK.exec(text)?.[0] ?? "");
  const address = text.slice(0, text.length - rest.length);
  if (!URL.canParse(scheme + address)) return [text];
  const props = { href: scheme + address, target: "_blank", rel: "noopener noreferrer nofollow" };
  return [h("a", props, address), rest];
}
