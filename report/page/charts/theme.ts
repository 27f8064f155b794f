/** The colours of style.css, as they are now: a chart does not follow them by itself. */
export interface Theme {
  readonly text: string;
  readonly line: string;
  readonly surface: string;
  readonly revenue: string;
  readonly profit: string;
  readonly compared: string;
  readonly returned: string;
  readonly fourth: string;
  readonly fifth: string;
}

export function theme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: color("muted"),
    line: color("line"),
    surface: color("surface"),
    revenue: color("revenue"),
    profit: color("profit"),
    compared: color("compared"),
    returned: color("returned"),
    fourth: color("fourth"),
    fifth: color("fifth"),
  };
}
