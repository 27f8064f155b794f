import { BillingBudget } from "@cdktf/provider-google/lib/billing-budget";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { chargedProvider } from "../foundation/charged-provider";
import { ServiceAgents } from "../identity/service-agents";

export interface MonthlyBudgetProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "operations">;
  /** Account that pays, as `012345-6789AB-CDEF01`. */
  readonly billingAccount: string;
  readonly agents: ServiceAgents;
  /** Full names of the notification channels. */
  readonly channels: readonly string[];
}

/** Shares of the month's budget that notify when they are spent, and when the forecast exceeds them. */
const SPENT = [0.5, 0.8, 1];
const FORECAST = [1];

/**
 * Notifies when a month costs more than expected; it stops nothing. Its deployment needs `roles/billing.costsManager`
 * on the billing account, which only that account's administrator can grant.
 */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, props: MonthlyBudgetProps) {
    super(scope, id);
    const { environment } = props;
    new BillingBudget(this, "month", {
      provider: chargedProvider(this, "billing", environment),
      billingAccount: props.billingAccount,
      displayName: `sales ${environment.name}`,
      budgetFilter: { projects: [`projects/${props.agents.projectNumber}`], calendarPeriod: "MONTH" },
      amount: { specifiedAmount: { units: String(environment.operations.monthlyBudget) } },
      thresholdRules: [
        ...SPENT.map((thresholdPercent) => ({ thresholdPercent, spendBasis: "CURRENT_SPEND" })),
        ...FORECAST.map((thresholdPercent) => ({ thresholdPercent, spendBasis: "FORECASTED_SPEND" })),
      ],
      allUpdatesRule: { monitoringNotificationChannels: [...props.channels] },
    });
  }
}
