import { short } from "../ui/format";
import { chart, tooltip } from "./chart";
import { type Theme, theme } from "./theme";

export interface Bars {
  readonly name: string;
  readonly color: keyof Theme;
  readonly values: readonly (number | null)[];
}

/** Horizontal bars, a row for each name, the first on top; `stack` puts the series behind each other. */
export function bars(
  label: string,
  names: readonly string[],
  series: readonly Bars[],
  format: (value: unknown) => string,
  { stack = false, axis = short } = {},
): HTMLElement {
  const each = stack ? 34 : 14 + 12 * series.length;
  return chart(label, 64 + each * names.length + (series.length > 4 ? 24 : 0), () => {
    const colors = theme();
    const label = { color: colors.text, fontSize: 12 };
    return {
      grid: { left: 4, right: 16, top: series.length > 4 ? 60 : 36, bottom: 4, containLabel: true },
      tooltip: { ...tooltip(format), axisPointer: { type: "shadow", shadowStyle: { opacity: 0.1 } } },
      xAxis: {
        type: "value",
        axisLabel: { ...label, formatter: axis, hideOverlap: true },
        splitLine: { lineStyle: { color: colors.line } },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: [...names],
        axisTick: { show: false },
        axisLine: { lineStyle: { color: colors.line } },
        axisLabel: { ...label, width: 120, overflow: "truncate", interval: 0 },
      },
      series: series.map(({ name, color, values }) => ({
        type: "bar",
        name,
        color: colors[color],
        barMaxWidth: stack ? 22 : 12,
        ...(stack ? { stack: "all" } : { barGap: "10%" }),
        data: [...values],
      })),
    };
  });
}
