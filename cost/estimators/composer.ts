import {
  COMPOSER_DATABASE_GIB,
  HOURS_PER_MONTH,
  MILLI_DCU_OF_SIZE,
  MILLI_DCU_PER_GIB,
  MILLI_DCU_PER_VCPU,
  RESILIENCE_FACTOR,
  volumes,
} from "../assumptions";
import { Bill, line } from "../bill";
import { NotEstimated, Resource, block, number, text } from "../synthesized-stack";

const PARTS = ["scheduler", "worker", "web_server", "triggerer", "dag_processor"] as const;

/** A Composer 3 environment: Airflow's components with the minimum number of workers, Composer's own, and Airflow's logs. */
export function composer({ attributes, environment }: Resource): Bill {
  const config = block(attributes.config);
  const workloads = block(config.workloads_config);
  const size = text(config.environment_size);
  const own = MILLI_DCU_OF_SIZE[size];
  if (own === undefined) throw new NotEstimated(`environment_size ${size || "unset"}`);
  const factor = text(config.resilience_mode) === "HIGH_RESILIENCE" ? RESILIENCE_FACTOR : 1;
  const used = (milliDcu: number): number => (milliDcu * HOURS_PER_MONTH) / 1000;
  const parts = PARTS.map((name) => {
    const part = block(workloads[name]);
    if (typeof part.cpu !== "number" || typeof part.memory_gb !== "number")
      throw new NotEstimated(`workloads_config.${name} has no cpu or memory_gb`);
    const count = number(part.count ?? part.min_count, 1);
    const milliDcu = count * (part.cpu * MILLI_DCU_PER_VCPU + part.memory_gb * MILLI_DCU_PER_GIB);
    return line(name, used(milliDcu), "composer.1000-milli-dcu-hour");
  });
  return {
    lines: [
      ...parts,
      line("environment", used(own * factor), "composer.1000-milli-dcu-hour"),
      line("Airflow's database", COMPOSER_DATABASE_GIB * HOURS_PER_MONTH, "composer.database-gib-hour"),
      line("logs of Airflow", volumes(environment).logGibPerMonth, "logging.gib"),
    ],
  };
}
