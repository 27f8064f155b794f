import { type EChartsOption, init } from "echarts";
import type { Day, Product, Run, Store } from "./figures";
import { Markup } from "./html";

const REVENUE = "#2563eb";
const PROFIT = "#0d9488";
const RETURNED = "#d97706";
const COLORS = { loaded: "#0d9488", duplicate: "#94a3b8", quarantined: "#d97706" };
const TEXT = { color: "#475569", fontFamily: "system-ui, sans-serif", fontSize: 12 };

// Without a browser, widths of text are estimates: leave room.
export const LEGEND = { top: 0, left: 0, itemGap: 24, textStyle: TEXT };

/** Draws without a browser, as SVG that needs no script and no network. */
export function draw(option: EChartsOption, width: number, height: number): Markup {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: TEXT, ...option });
    return new Markup(chart.renderToSVGString());
  } finally {
    // A chart that is not disposed keeps the process alive.
    chart.dispose();
  }
}

const axis = { axisLabel: TEXT, splitLine: { lineStyle: { color: "#e2e8f0" } } };

/** Axes of a horizontal bar chart, a row for each label, the first on top. */
export function rows(labels: readonly string[], axisLabel: object = TEXT): EChartsOption {
  return {
    xAxis: { type: "value", ...axis },
    yAxis: { type: "category", inverse: true, axisTick: { show: false }, axisLabel, data: [...labels] },
  };
}

/** Revenue, profit and what came back by day. */
export function dailyChart(days: readonly Day[]): Markup {
  const line = (name: string, color: string, values: readonly string[]): object => ({
    type: "line",
    name,
    color,
    showSymbol: values.length < 3,
    areaStyle: { opacity: 0.08 },
    // A chart needs no exact values: only here is money a binary number.
    data: days.map(({ day }, n) => [day, Number(values[n])]),
  });
  return draw(
    {
      grid: { left: 8, right: 24, top: 40, bottom: 8, containLabel: true },
      legend: LEGEND,
      xAxis: { type: "time", ...axis, splitLine: { show: false } },
      yAxis: { type: "value", ...axis },
      series: [
        line(
          "Revenue",
          REVENUE,
          days.map(({ revenue }) => revenue),
        ),
        line(
          "Gross profit",
          PROFIT,
          days.map(({ profit }) => profit),
        ),
        line(
          "Returned",
          RETURNED,
          days.map(({ returned }) => returned),
        ),
      ],
    },
    1040,
    300,
  );
}

/** Revenue and profit of the leading products or stores, the largest on top. */
export function rankingChart(ranked: readonly (Product | Store)[]): Markup {
  const bars = (name: string, color: string, data: number[]): object => ({
    type: "bar",
    name,
    color,
    barGap: "10%",
    data,
  });
  return draw(
    {
      grid: { left: 150, right: 24, top: 32, bottom: 28 },
      legend: LEGEND,
      ...rows(
        ranked.map(({ id, name }) => name ?? id),
        { ...TEXT, width: 130, overflow: "truncate" },
      ),
      series: [
        bars(
          "Revenue",
          REVENUE,
          ranked.map(({ revenue }) => Number(revenue)),
        ),
        bars(
          "Gross profit",
          PROFIT,
          ranked.map(({ profit }) => Number(profit)),
        ),
      ],
    },
    510,
    60 + 32 * ranked.length,
  );
}

/** The lines of one run: loaded, duplicate and quarantined add up to the lines read. */
export function balanceChart(run: Run): Markup {
  const part = (name: keyof typeof COLORS, value: string): object => ({
    type: "bar",
    stack: "lines",
    name,
    color: COLORS[name],
    barWidth: 22,
    data: [Number(value)],
  });
  return draw(
    {
      grid: { left: 0, right: 0, top: 34, bottom: 0 },
      legend: LEGEND,
      xAxis: { type: "value", max: Number(run.read) || 1, show: false },
      yAxis: { type: "category", data: [""], show: false },
      series: [
        part("loaded", run.loaded),
        part("duplicate", run.duplicate),
        part("quarantined", run.quarantined),
      ],
    },
    1040,
    66,
  );
}
