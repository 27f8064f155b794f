import { short } from "../ui/format";
import { chart, tooltip } from "./chart";
import { type Theme, theme } from "./theme";

/** A line of a chart over time: null where it has no value. */
export interface Line {
  readonly name: string;
  readonly color: keyof Theme;
  readonly values: readonly (number | null)[];
  readonly dashed?: boolean;
  /** An area from here to `values`, without a line: an interval. */
  readonly from?: readonly (number | null)[];
}

/**
 * Lines over days, weeks or months.
 *
 * @param label what is drawn, for those who do not see it
 * @param steps the first day of each step
 */
export function overTime(
  label: string,
  steps: readonly string[],
  lines: readonly Line[],
  format: (value: unknown) => string,
  axis: (value: number) => string = short,
): HTMLElement {
  return chart(label, 300, () => {
    const colors = theme();
    const label = { color: colors.text, fontSize: 12 };
    return {
      grid: { left: 4, right: 12, top: 36, bottom: 4, containLabel: true },
      tooltip: tooltip(format),
      xAxis: {
        type: "category",
        data: [...steps],
        boundaryGap: false,
        axisLabel: { ...label, hideOverlap: true },
        axisLine: { lineStyle: { color: colors.line } },
        axisTick: { show: false },
      },
      yAxis: {
        type: "value",
        axisLabel: { ...label, formatter: axis },
        splitLine: { lineStyle: { color: colors.line } },
      },
      series: lines.flatMap((line) => seriesOf(line, colors[line.color])),
    };
  });
}

function seriesOf({ name, values, dashed, from }: Line, color: string): object[] {
  const alone = values.filter((value) => value !== null).length < 3;
  const shared = { type: "line", name, color, symbolSize: 5, showSymbol: alone };
  if (!from)
    return [
      { ...shared, data: [...values], lineStyle: { width: 2, type: dashed === true ? "dashed" : "solid" } },
    ];
  const hidden = { ...shared, stack: name, stackStrategy: "all", symbol: "none", lineStyle: { opacity: 0 } };
  const height = values.map((value, n) => (value === null ? null : value - (from[n] ?? 0)));
  return [
    { ...hidden, data: [...from], tooltip: { show: false } },
    { ...hidden, data: height, areaStyle: { opacity: 0.2, color } },
  ];
}
