/// A question over the page: the browser's own dialog, so that Escape, focus and screen readers are right.
import { html, useEffect, useRef } from "../base/html.js";
import { t } from "../base/language.js";

export function Dialog({ title, close, children, className = "" }) {
  const self = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    self.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`<dialog ref=${self} class=${className} aria-label=${title} onCancel=${event => {
    event.preventDefault();
    close?.();
  }}>${children}</dialog>`;
}

/// Says what is done and to whom, and asks once.
export function Confirm({ title, text, action, danger = true, act, close }) {
  return html`<${Dialog} title=${title} close=${close}>
    <form class="body" onSubmit=${event => {
      event.preventDefault();
      close();
      act();
    }}>
      <h2>${title}</h2>
      <p class="breaks">${text}</p>
      <div class="row"><button class=${danger ? "button danger" : "button main"} autofocus>${action}</button><button type="button"
        class="button" onClick=${close}>${t("back")}</button></div>
    </form>
  </${Dialog}>`;
}
