import { DataplexAspectType } from "@cdktf/provider-google/lib/dataplex-aspect-type";
import { DataplexEntry } from "@cdktf/provider-google/lib/dataplex-entry";
import { DataplexEntryGroup } from "@cdktf/provider-google/lib/dataplex-entry-group";
import { DataplexEntryType } from "@cdktf/provider-google/lib/dataplex-entry-type";
import { DataplexGlossary } from "@cdktf/provider-google/lib/dataplex-glossary";
import { DataplexGlossaryTerm } from "@cdktf/provider-google/lib/dataplex-glossary-term";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { Table } from "../warehouse/table";
import { View } from "../warehouse/views";
import { Warehouse } from "../warehouse/warehouse";
import { aspectOf, aspectTemplate } from "./table-aspect";
import { checksOf, Words } from "./words";

export interface KnowledgeCatalogProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "region">;
  /** Number of the project: entries and keys of aspects take no id. */
  readonly projectNumber: string;
  readonly warehouse: Warehouse;
  readonly tables: readonly Table[];
  readonly views: readonly View[];
  readonly words: Words;
}

/** System and platform of the entries, as BigQuery's own entries have them. */
const BIGQUERY = "BigQuery";

/**
 * The tables' catalog in Google's Knowledge Catalog, formerly Dataplex Universal Catalog: an entry for each published
 * table and view with its owner, origin, layout, checks and sample query, and a glossary of the words and measures.
 *
 * The entries are in a group of the platform's own: nobody may add or delete entries of BigQuery's group, and the
 * provider cannot change those that BigQuery made (docs/decisions/0070-catalog-in-the-cloud.md).
 */
export class KnowledgeCatalog extends Construct {
  constructor(scope: Construct, id: string, props: KnowledgeCatalogProps) {
    super(scope, id);
    this.addEntries(props);
    this.addGlossary(props);
  }

  private addEntries({
    environment,
    projectNumber,
    warehouse,
    tables,
    views,
    words,
  }: KnowledgeCatalogProps): void {
    const { name, projectId, region: location } = environment;
    const aspectType = new DataplexAspectType(this, "aspect", {
      aspectTypeId: resourceName(name, "table"),
      location,
      displayName: "Sales table",
      description: "Owner, audience, layout, origin, checks and sample query of a table or view",
      metadataTemplate: aspectTemplate(),
    });
    const entryType = new DataplexEntryType(this, "type", {
      entryTypeId: resourceName(name, "table"),
      location,
      displayName: "Sales table",
      description: "A published table or view of the sales analytics",
      platform: BIGQUERY,
      systemAttribute: BIGQUERY,
      typeAliases: ["TABLE"],
      requiredAspects: [{ type: aspectType.name }],
    });
    const group = new DataplexEntryGroup(this, "group", {
      entryGroupId: resourceName(name, "tables"),
      location,
      displayName: `Sales tables (${name})`,
      description: "Published tables and views, as pyspark-jobs/sales_job/tables declares them",
    });
    for (const item of [...tables, ...views].filter(({ name: one }) => warehouse.has(one))) {
      new DataplexEntry(this, `entry-${item.name.replaceAll("_", "-")}`, {
        project: projectNumber,
        location,
        entryGroupId: group.entryGroupId,
        // Not its name, which has the id of the project where it was made with that.
        entryType: `projects/${projectNumber}/locations/${location}/entryTypes/${entryType.entryTypeId}`,
        entryId: item.name,
        entrySource: {
          systemAttribute: BIGQUERY,
          platform: BIGQUERY,
          resource: `//bigquery.googleapis.com/projects/${projectId}/datasets/${warehouse.datasetId}/tables/${item.name}`,
          displayName: item.name,
          description: item.description,
        },
        aspects: [
          {
            aspectKey: `${projectNumber}.${location}.${aspectType.aspectTypeId}`,
            aspect: { data: aspectOf(item, checksOf(words, item.name)) },
          },
        ],
      });
    }
  }

  private addGlossary({ environment, words }: KnowledgeCatalogProps): void {
    const { name, projectId, region: location } = environment;
    const glossary = new DataplexGlossary(this, "glossary", {
      glossaryId: resourceName(name, "words"),
      location,
      displayName: `Sales analytics (${name})`,
      description: "Measures with their formulas, and the words that tables and reports use",
    });
    const add = (termId: string, displayName: string, description: string): void => {
      new DataplexGlossaryTerm(this, `term-${termId}`, {
        parent: `projects/${projectId}/locations/${location}/glossaries/${glossary.glossaryId}`,
        glossaryId: glossary.glossaryId,
        location,
        termId,
        displayName,
        description,
      });
    };
    for (const [measure, { description, sql }] of Object.entries(words.measures))
      add(measure.replaceAll("_", "-"), measure, `${description}. Formula: ${sql}`);
    for (const [word, text] of Object.entries(words.terms))
      add(`word-${word.replaceAll(/[^a-z]+/g, "-")}`, word, text);
  }
}
