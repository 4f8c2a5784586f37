/**
 * The calls of AWS that the scripts make: by the SDK, or on paper with `--dry-run`.
 * @module
 */
import type * as GameLift from "@aws-sdk/client-gamelift";

/** Input and output of each operation. */
export interface CallShapes {
  CreateBuild: [GameLift.CreateBuildCommandInput, GameLift.CreateBuildCommandOutput];
  RequestUploadCredentials: [
    GameLift.RequestUploadCredentialsCommandInput,
    GameLift.RequestUploadCredentialsCommandOutput,
  ];
  DescribeBuild: [GameLift.DescribeBuildCommandInput, GameLift.DescribeBuildCommandOutput];
  ListFleets: [GameLift.ListFleetsCommandInput, GameLift.ListFleetsCommandOutput];
  CreateFleet: [GameLift.CreateFleetCommandInput, GameLift.CreateFleetCommandOutput];
  DeleteFleet: [GameLift.DeleteFleetCommandInput, GameLift.DeleteFleetCommandOutput];
  DescribeFleetAttributes: [
    GameLift.DescribeFleetAttributesCommandInput,
    GameLift.DescribeFleetAttributesCommandOutput,
  ];
  DescribeFleetEvents: [
    GameLift.DescribeFleetEventsCommandInput,
    GameLift.DescribeFleetEventsCommandOutput,
  ];
  DescribeFleetLocationAttributes: [
    GameLift.DescribeFleetLocationAttributesCommandInput,
    GameLift.DescribeFleetLocationAttributesCommandOutput,
  ];
  DescribeFleetLocationCapacity: [
    GameLift.DescribeFleetLocationCapacityCommandInput,
    GameLift.DescribeFleetLocationCapacityCommandOutput,
  ];
  DescribeFleetPortSettings: [
    GameLift.DescribeFleetPortSettingsCommandInput,
    GameLift.DescribeFleetPortSettingsCommandOutput,
  ];
  DescribeRuntimeConfiguration: [
    GameLift.DescribeRuntimeConfigurationCommandInput,
    GameLift.DescribeRuntimeConfigurationCommandOutput,
  ];
  DescribeScalingPolicies: [
    GameLift.DescribeScalingPoliciesCommandInput,
    GameLift.DescribeScalingPoliciesCommandOutput,
  ];
  PutScalingPolicy: [GameLift.PutScalingPolicyCommandInput, GameLift.PutScalingPolicyCommandOutput];
  UpdateFleetCapacity: [
    GameLift.UpdateFleetCapacityCommandInput,
    GameLift.UpdateFleetCapacityCommandOutput,
  ];
  UpdateFleetAttributes: [
    GameLift.UpdateFleetAttributesCommandInput,
    GameLift.UpdateFleetAttributesCommandOutput,
  ];
  StopFleetActions: [GameLift.StopFleetActionsCommandInput, GameLift.StopFleetActionsCommandOutput];
  DescribeGameSessions: [
    GameLift.DescribeGameSessionsCommandInput,
    GameLift.DescribeGameSessionsCommandOutput,
  ];
  DescribeGameSessionQueues: [
    GameLift.DescribeGameSessionQueuesCommandInput,
    GameLift.DescribeGameSessionQueuesCommandOutput,
  ];
  CreateAlias: [GameLift.CreateAliasCommandInput, GameLift.CreateAliasCommandOutput];
  ListAliases: [GameLift.ListAliasesCommandInput, GameLift.ListAliasesCommandOutput];
  DescribeAlias: [GameLift.DescribeAliasCommandInput, GameLift.DescribeAliasCommandOutput];
  UpdateAlias: [GameLift.UpdateAliasCommandInput, GameLift.UpdateAliasCommandOutput];
}

export type CallName = keyof CallShapes;
export type Input<Name extends CallName> = CallShapes[Name][0];
/** As the scripts read it. */
export type Output<Name extends CallName> = Omit<CallShapes[Name][1], "$metadata">;

/** A zip on its way to Amazon S3, with the keys that GameLift handed out for it. */
export interface Upload {
  readonly file: string;
  readonly sizeBytes: number;
  readonly bucket: string;
  readonly key: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Told as bytes leave, in all. */
  readonly sent: (bytes: number) => void;
}

export interface Calls extends Disposable {
  /** Nothing is sent: outputs hold placeholders. */
  readonly isDryRun: boolean;
  /** @throws FleetsError FLEETS_CALL_FAILED, with what to do about it. */
  call<Name extends CallName>(
    name: Name,
    input: Input<Name>,
    signal: AbortSignal,
  ): Promise<Output<Name>>;
  /** @throws FleetsError as above. */
  upload(upload: Upload, signal: AbortSignal): Promise<void>;
}
