import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { Build } from "../../plane/records.ts";
import {
  type ApiContext,
  epochSeconds,
  given,
  type Members,
  type Operations,
  unlessEmpty,
} from "../operation.ts";

interface BuildInput {
  readonly BuildId?: string;
  readonly Name?: string;
  readonly Version?: string;
  readonly OperatingSystem?: string;
  readonly ServerSdkVersion?: string;
  readonly StorageLocation?: Members;
}

/** As the service has it where a build does not say. Its processes are not spoken with here. */
const SERVER_SDK_VERSION_DEFAULT = "4.0.2";

export const buildOperations: Operations = {
  CreateBuild(input, context) {
    const { Name = "", Version = "", OperatingSystem, ServerSdkVersion } = input as BuildInput;
    if (input["StorageLocation"] !== undefined) {
      return refused(
        "InvalidRequest",
        "StorageLocation: buckets are not emulated; leave it out, and put the zip where the answer says",
      );
    }
    if (OperatingSystem === undefined) {
      return refused("InvalidRequest", "OperatingSystem must be given, such as AMAZON_LINUX_2023");
    }
    const build = context.plane.builds.create({
      name: Name,
      version: Version,
      operatingSystem: OperatingSystem,
      serverSdkVersion: ServerSdkVersion ?? SERVER_SDK_VERSION_DEFAULT,
    });
    if (isRefused(build)) return build;
    return done({ Build: buildMembers(build.value), ...uploadMembers(build.value, context) });
  },

  RequestUploadCredentials({ BuildId }, context) {
    const build = buildNamed(BuildId, context);
    if (isRefused(build)) return build;
    const { buildId, status } = build.value;
    return status === "INITIALIZED"
      ? done(uploadMembers(build.value, context))
      : refused(
          "InvalidRequest",
          `Build ${buildId} is ${status}: make another one with CreateBuild`,
        );
  },

  DescribeBuild({ BuildId }, context) {
    const build = buildNamed(BuildId, context);
    return isRefused(build) ? build : done({ Build: buildMembers(build.value) });
  },

  ListBuilds(input, context) {
    const { Status } = input as { Status?: Build["status"] };
    const page = context.pages.page(
      { operation: "ListBuilds", input },
      {
        records: context.plane.builds.list(),
        matches: ({ status }) => Status === undefined || status === Status,
        keyOf: ({ buildId }) => buildId,
        orderOf: ({ createdAtMs }) => createdAtMs,
      },
    );
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    return done({ Builds: records.map(buildMembers), NextToken: nextToken });
  },

  UpdateBuild(input, { plane }) {
    const { BuildId = "", Name, Version } = input as BuildInput;
    const build = plane.builds.rename(BuildId, given({ name: Name, version: Version }));
    return isRefused(build) ? build : done({ Build: buildMembers(build.value) });
  },

  /** Fleets that were made of it go on. */
  DeleteBuild({ BuildId }, { plane }) {
    const deleted = plane.builds.delete(String(BuildId));
    return isRefused(deleted) ? deleted : done({});
  },
};

/** The build of that id or ARN. */
export function buildNamed(buildIdOrArn: unknown, { plane }: ApiContext): Outcome<Build> {
  const build = plane.builds.find(String(buildIdOrArn));
  return build === undefined ? plane.builds.missing(String(buildIdOrArn)) : done(build);
}

function buildMembers(build: Build): Members {
  return {
    BuildId: build.buildId,
    BuildArn: build.buildArn,
    Name: unlessEmpty(build.name),
    Version: unlessEmpty(build.version),
    Status: build.status,
    SizeOnDisk: build.sizeBytes,
    OperatingSystem: build.operatingSystem,
    ServerSdkVersion: build.serverSdkVersion,
    CreationTime: epochSeconds(build.createdAtMs),
  };
}

function uploadMembers({ buildId }: Build, { uploadTicket }: ApiContext): Members {
  const { bucket, key, accessKeyId, secretAccessKey, sessionToken } = uploadTicket(buildId);
  return {
    StorageLocation: { Bucket: bucket, Key: key },
    UploadCredentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
    },
  };
}
