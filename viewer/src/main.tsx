/** The page. */
import { render } from "preact";
import { App } from "./ui/app.tsx";
import "./style.css";

const root = document.querySelector("#app");
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
