import { BillingBudget } from "@cdktf/provider-google/lib/billing-budget";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { ServiceAgents } from "../identity/service-agents";

export interface BudgetProps {
  readonly environment: Environment;
  readonly billingAccount: string;
  readonly agents: ServiceAgents;
  /** Ids of the notification channels. */
  readonly channels: readonly string[];
}

/** Parts of the month's budget at which people are told: spent, and foreseen. */
const SPENT = [0.5, 0.8, 1];
const FORESEEN = [1];

/**
 * Tells when a month costs more than expected; stops nothing. Whoever deploys needs `roles/billing.costsManager` on
 * the billing account, which only its administrator can grant.
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, props: BudgetProps) {
    super(scope, id);
    const { environment } = props;
    new BillingBudget(this, "month", {
      // A person's credentials have no project of their own, and the Budget API answers 403 without one to charge.
      provider: new GoogleProvider(this, "google-billing", {
        alias: "billing",
        project: environment.projectId,
        billingProject: environment.projectId,
        userProjectOverride: true,
      }),
      billingAccount: props.billingAccount,
      displayName: `sales ${environment.name}`,
      budgetFilter: { projects: [`projects/${props.agents.projectNumber}`], calendarPeriod: "MONTH" },
      amount: { specifiedAmount: { units: String(environment.operations.monthlyBudget) } },
      thresholdRules: [
        ...SPENT.map((thresholdPercent) => ({ thresholdPercent, spendBasis: "CURRENT_SPEND" })),
        ...FORESEEN.map((thresholdPercent) => ({ thresholdPercent, spendBasis: "FORECASTED_SPEND" })),
      ],
      allUpdatesRule: { monitoringNotificationChannels: [...props.channels] },
    });
  }
}
