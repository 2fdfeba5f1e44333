/** The page on which one draws a digit. */
import { render } from "preact";
import { DigitsPage } from "./digits-page.tsx";
import "../style.css";
import "./digits.css";

const root = document.querySelector("#app");
if (root) {
  root.replaceChildren();
  render(<DigitsPage />, root);
}
