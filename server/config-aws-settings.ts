import { setting } from "./config-setting.ts";
import { decimal, endpointUrl, matching, oneOf, path } from "./config-values.ts";

export type Validator = "server-sdk" | "server-sdk+api";

/** Settings of who is asked about players, and of calls to AWS. */
export const awsSettings = {
  validator: setting({
    key: "validator",
    defaultText: "server-sdk",
    allowed: "server-sdk or server-sdk+api",
    meaning:
      "Who is asked about a player on a fleet: GameLift by its Server SDK, which also takes the seat, or the AWS API beside it, as a second opinion. That needs `AWS_REGION` and credentials that allow `gamelift:DescribePlayerSessions`; the server does not start without.",
    parse: oneOf<Validator>("server-sdk", "server-sdk+api"),
  }),
  apiCallsPerS: setting({
    key: "apiCallsPerS",
    defaultText: "1",
    allowed: "a number 0.1 to 20 with at most three decimal places",
    meaning:
      "Calls per second that this process may make to the AWS API, after five at once. The account's quota, 200 in a Region, is shared by all processes: divide it by their number. One description takes a call for each 200 reserved player sessions.",
    parse: decimal(0.1, 20),
  }),
  awsRegion: setting({
    key: "awsRegion",
    defaultText: "",
    defaultNote: "none",
    allowed: "the name of a Region such as eu-west-1, or nothing",
    meaning: "The fleet's home Region, where the AWS API is called.",
    parse: matching(/^([a-z]{2,8}(-[a-z]{2,16}){1,3}-\d{1,2})?$/),
  }),
  awsEndpointUrl: setting({
    key: "awsEndpointUrl",
    defaultText: "",
    defaultNote: "the Region's own",
    allowed:
      "an https URL, or an http one on this machine, without user name, password, query or fragment, or nothing",
    meaning: "Where the AWS API is called instead, such as an emulator.",
    isHidden: true,
    parse: endpointUrl,
  }),
  awsCredentialsFile: setting({
    key: "awsCredentialsFile",
    defaultText: "",
    defaultNote: "a GameLift instance's own, otherwise what the AWS SDK finds",
    allowed: "the path of a file, or nothing",
    meaning:
      "A file with AWS credentials. It is read for each call, so that it may be rewritten at any time, and waited for at the start, up to 10 seconds. A GameLift instance has its role's in `/local/credentials/credentials`; where that does not exist, the AWS SDK looks in environment, container and instance.",
    parse: path,
  }),
  awsProfile: setting({
    key: "awsProfile",
    defaultText: "FleetRoleCredentials",
    allowed: "a profile's name: 1 to 128 of A-Z a-z 0-9 _ . @ + / : -",
    meaning: "Which part of the credentials file counts.",
    parse: matching(/^[A-Za-z0-9_.@+/:-]{1,128}$/),
  }),
};
