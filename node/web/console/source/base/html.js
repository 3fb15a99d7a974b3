/// The one way to the page: templates become elements, and every text of others is harmless before it is there.
import { h as element, render, Fragment } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, useCallback } from "preact-hooks";
import htm from "htm";
import { harmless } from "./harmless.js";

const SHOWN = ["title", "aria-label", "alt", "placeholder"];

function h(type, props, ...children) {
  if (props) for (const name of SHOWN) if (typeof props[name] === "string") props[name] = harmless(props[name]);
  return element(type, props, ...children.map(shown));
}

const shown = child => (typeof child === "string" ? harmless(child) : Array.isArray(child) ? child.map(shown) : child);

export const html = htm.bind(h);
export { render, Fragment, useEffect, useLayoutEffect, useMemo, useRef, useState, useCallback };
