/** The few kinds of tile that the dashboard has, as Cloud Monitoring's JSON wants them. */

export interface Series {
  /** How the legend names it; may hold `${metric.labels.x}`. */
  readonly legend: string;
  readonly query: object;
}

export interface Tile {
  readonly width: number;
  readonly height: number;
  readonly widget: object;
}

/** Columns of the grid. */
export const COLUMNS = 12;
const TITLE_HEIGHT = 1;
const CHART_HEIGHT = 4;

/** A metric's time series, brought together over an hour unless said otherwise. */
export function ofMetric(
  legend: string,
  metric: string,
  resource: string,
  aggregation: { aligner: string; reducer?: string; by?: readonly string[]; period?: number; where?: string },
): Series {
  const { aligner, reducer = "REDUCE_SUM", by = [], period = 3600, where } = aggregation;
  return {
    legend,
    query: {
      timeSeriesFilter: {
        filter: [`metric.type="${metric}"`, `resource.type="${resource}"`, ...(where ? [where] : [])].join(
          " AND ",
        ),
        aggregation: {
          alignmentPeriod: `${period}s`,
          perSeriesAligner: aligner,
          crossSeriesReducer: reducer,
          groupByFields: [...by],
        },
      },
    },
  };
}

export const ofPromql = (legend: string, prometheusQuery: string): Series => ({
  legend,
  query: { prometheusQuery },
});

/** A line across the page that names what is below it. */
export function heading(content: string): Tile {
  return {
    width: COLUMNS,
    height: TITLE_HEIGHT,
    widget: { text: { content: `## ${content}`, format: "MARKDOWN" } },
  };
}

export function text(title: string, content: string, width = 6): Tile {
  return { width, height: CHART_HEIGHT, widget: { title, text: { content, format: "MARKDOWN" } } };
}

/** @param limit - value at which a line is drawn, an alert's threshold */
export function chart(
  title: string,
  series: readonly Series[],
  options: { plot?: "LINE" | "STACKED_BAR"; limit?: number; width?: number } = {},
): Tile {
  const { plot = "LINE", limit, width = 6 } = options;
  return {
    width,
    height: CHART_HEIGHT,
    widget: {
      title,
      xyChart: {
        dataSets: series.map(({ legend, query }) => ({
          plotType: plot,
          legendTemplate: legend,
          targetAxis: "Y1",
          timeSeriesQuery: query,
        })),
        ...(limit !== undefined && { thresholds: [{ value: limit, targetAxis: "Y1" }] }),
      },
    },
  };
}

/** One number, of the time that the page shows. */
export function scorecard(title: string, series: Series, width = 3): Tile {
  return { width, height: CHART_HEIGHT, widget: { title, scorecard: { timeSeriesQuery: series.query } } };
}

/**
 * JSON without zeros, empty texts and empty lists. The API leaves them out of its answers, and the provider takes a key
 * that it misses there for a change, at every plan.
 */
export const asAnswered = (page: object): string =>
  JSON.stringify(page, (_key, value: unknown) =>
    value === 0 || value === "" || (Array.isArray(value) && value.length === 0) ? undefined : value,
  );

/** Puts tiles side by side, row after row, in the order given. */
export function laidOut(tiles: readonly Tile[]): object[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return tiles.map(({ width, height, widget }) => {
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const tile = { xPos: x, yPos: y, width, height, widget };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return tile;
  });
}
