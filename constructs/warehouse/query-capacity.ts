import { BigqueryBiReservation } from "@cdktf/provider-google/lib/bigquery-bi-reservation";
import { BigqueryReservation } from "@cdktf/provider-google/lib/bigquery-reservation";
import { BigqueryReservationAssignment } from "@cdktf/provider-google/lib/bigquery-reservation-assignment";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";

const GIB = 1024 ** 3;

/** Memory of BI Engine and slots for queries, where the environment reserves them. */
export function reserveQueryCapacity(
  scope: Construct,
  environment: Pick<Environment, "name" | "projectId" | "region" | "warehouse">,
): void {
  const { biEngineGib, slots } = environment.warehouse;
  if (biEngineGib !== undefined) {
    new BigqueryBiReservation(scope, "bi-engine", { location: environment.region, size: biEngineGib * GIB });
  }
  if (slots === undefined) return;
  const reservation = new BigqueryReservation(scope, "slots", {
    name: resourceName(environment.name, "queries"),
    location: environment.region,
    edition: "ENTERPRISE",
    slotCapacity: slots.baseline,
    autoscale: { maxSlots: slots.max - slots.baseline },
    ignoreIdleSlots: false,
  });
  new BigqueryReservationAssignment(scope, "slots-assignment", {
    assignee: `projects/${environment.projectId}`,
    jobType: "QUERY",
    reservation: reservation.id,
  });
}
