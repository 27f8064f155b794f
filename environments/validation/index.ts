import { Environment } from "../environment";
import { database, lake, warehouse } from "./data";
import { access, identity, production } from "./identity";
import { network } from "./network";
import { notifications, officeHours, operations } from "./operations";
import { orchestration, processing } from "./processing";
import { Report } from "./report";

/** In the order in which mistakes are told. */
const CHECKS: readonly ((environment: Environment, report: Report) => void)[] = [
  identity,
  production,
  network,
  lake,
  database,
  warehouse,
  processing,
  orchestration,
  access,
  notifications,
  operations,
  officeHours,
];

/**
 * Checks one environment before anything is built from it.
 *
 * @returns one line for each mistake, `<environment>: <field>: <what is wrong and what would be right>`
 */
export function problemsOf(environment: Environment): string[] {
  const problems: string[] = [];
  const report: Report = (field, message) => {
    problems.push(`${environment.name}: ${field}: ${message}`);
  };
  for (const check of CHECKS) check(environment, report);
  return problems;
}

/** Checks every environment, alone and beside the others; throws all mistakes, one a line. */
export function validated(environments: readonly Environment[]): readonly Environment[] {
  const problems = environments.flatMap(problemsOf);
  for (const field of ["name", "projectId"] as const) {
    environments.forEach((environment, index) => {
      const first = environments.findIndex((other) => other[field] === environment[field]);
      if (first < index) {
        problems.push(
          `${environment.name}: ${field}: '${environment[field]}' is ${environments[first]?.name ?? ""}'s already, give each its own`,
        );
      }
    });
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return environments;
}
