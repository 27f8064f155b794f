import { inflate } from "./data/inflate";

/** Starts the program, which the page holds compressed: that leaves room for a year more of figures. */
async function load(): Promise<void> {
  const script = document.createElement("script");
  script.textContent = new TextDecoder().decode(await inflate("program"));
  document.body.append(script);
}

load().catch((error: unknown) => {
  const place = document.getElementById("as-of");
  const reason = error instanceof Error ? error.message : String(error);
  if (place) place.textContent = `This browser cannot show the page (${reason}): open it in a newer one.`;
});
