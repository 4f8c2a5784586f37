/**
 * The CloudFormation template of the dashboard.
 * @module
 */
import { dashboardBody } from "./dashboard.ts";

export function dashboardTemplate(): object {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description:
      "Dashboard of fleetroom, for all its fleets. Written by npm run telemetry from server/telemetry/catalogue. Do not edit.",
    Parameters: {
      Name: {
        Type: "String",
        Default: "fleetroom",
        AllowedPattern: "^[A-Za-z0-9_-]{1,255}$",
        Description: "Of the dashboard; one serves all fleets of the account.",
      },
    },
    Resources: {
      Dashboard: {
        Type: "AWS::CloudWatch::Dashboard",
        Properties: {
          DashboardName: { Ref: "Name" },
          // Without blanks: a template that is handed over as it is has 51,200 bytes at most.
          DashboardBody: JSON.stringify(dashboardBody()),
        },
      },
    },
  };
}
