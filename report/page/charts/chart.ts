import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { element } from "../ui/dom";
import { theme } from "./theme";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/** Draws the option again: the window, the theme or the paper has changed. */
type Redraw = () => void;

const drawn = new Map<HTMLElement, Redraw>();

/** A chart named `label`; a table behind it has the same figures. */
export function chart(label: string, height: number, option: () => EChartsCoreOption): HTMLElement {
  const place = element("div", { class: "chart", role: "img", "aria-label": label });
  place.style.height = `${String(height)}px`;
  // A chart measures its place, so it is drawn when the place is in the page.
  const draw = (): void => {
    const instance = init(place, null, { renderer: "svg", width: place.clientWidth, height });
    const { text, line } = theme();
    instance.setOption({
      animation: false,
      textStyle: { color: text, fontFamily: "system-ui, sans-serif" },
      legend: {
        top: 0,
        left: 0,
        itemGap: 16,
        itemWidth: 16,
        itemHeight: 8,
        icon: "roundRect",
        textStyle: { color: text },
        inactiveColor: line,
      },
      ...option(),
    });
    drawn.set(place, () => {
      instance.dispose();
      draw();
    });
  };
  drawn.set(place, draw);
  return place;
}

/** Draws the charts of the page that are not drawn yet, or all of them. */
export function drawAll(again = false): void {
  for (const [place, redraw] of drawn) {
    if (!place.isConnected) drawn.delete(place);
    else if (again || place.childElementCount === 0) redraw();
  }
}

/** A tooltip as text: nothing in the data becomes markup. */
export function tooltip(format: (value: unknown) => string): object {
  const { text, surface, line } = theme();
  return {
    trigger: "axis",
    renderMode: "richText",
    confine: true,
    valueFormatter: format,
    backgroundColor: surface,
    borderColor: line,
    textStyle: { color: text, fontSize: 12 },
    axisPointer: { type: "line", lineStyle: { color: line } },
  };
}
