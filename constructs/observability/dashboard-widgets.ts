/** The kinds of tile on the dashboard, in the JSON format of Cloud Monitoring. */

export interface Series {
  /** Name in the legend; may contain `${metric.labels.x}`. */
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

/** Time series of a metric, by default combined over an hour. */
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

/** A heading across the page. */
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

/** @param options - `limit` draws a line, usually at an alert's threshold */
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

/** One number for the period that the page shows. */
export function scorecard(title: string, series: Series, width = 3): Tile {
  return { width, height: CHART_HEIGHT, widget: { title, scorecard: { timeSeriesQuery: series.query } } };
}

/**
 * JSON without zeros, empty texts and empty lists. The API leaves them out of its answers, and the provider would show
 * each as a change in every plan (pg#7242).
 */
export const omitEmptyValues = (page: object): string =>
  JSON.stringify(page, (_key, value: unknown) =>
    value === 0 || value === "" || (Array.isArray(value) && value.length === 0) ? undefined : value,
  );

/** Places tiles side by side, row after row, in the given order. */
export function gridLayout(tiles: readonly Tile[]): object[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return tiles.map(({ width, height, widget }) => {
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const tile = { xPos: x, yPos: y, width, height, widget };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return tile;
  });
}
