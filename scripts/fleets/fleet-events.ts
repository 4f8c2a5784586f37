/**
 * What fleet events mean that people meet while a fleet starts, and what to do about them.
 * @module
 */
const ADVICE: Readonly<Record<string, string>> = {
  FLEET_BINARY_DOWNLOAD_FAILED:
    "The build did not reach the instance. Upload it again; a build from a bucket of your own needs a role that may read it.",
  FLEET_CREATION_FAILED_INSTALLER:
    "install.sh ended badly. Its output is behind PreSignedLogUrl. Usual: line ends of Windows, a question it asks, no sudo (it does not run as root), a package that is gone.",
  FLEET_VALIDATION_LAUNCH_PATH_NOT_FOUND:
    "There is no file at a launch path. It begins with /local/game/, which is the root of the zip: see whether the zip has a folder around everything.",
  FLEET_VALIDATION_EXECUTABLE_RUNTIME_FAILURE:
    "The program ended before it was ready. Usual: not executable, built for another processor (x64, arm64), a library that Amazon Linux 2023 does not have, parameters it does not take. npm run verify:gamelift finds these here.",
  FLEET_VALIDATION_TIMED_OUT:
    "The program was not ready in time. See whether it calls InitSDK and ProcessReady, and ServerSdkVersion of the build is 5: GameLift takes 4.0.2 for a build that does not say.",
  FLEET_ACTIVATION_FAILED:
    "No server process became ready. The event before this one says more; then the logs of a process, by aws gamelift get-compute-access.",
  FLEET_ACTIVATION_FAILED_NO_INSTANCES:
    "There is no instance of that type to be had here now. Try another type, location or hour, or On-Demand in place of Spot.",
  FLEET_INITIALIZATION_FAILED:
    "The fleet could not be set up. See whether the instance role can be assumed by gamelift.amazonaws.com, and try once more.",
  SERVER_PROCESS_INVALID_PATH: "A launch path leads nowhere on this instance.",
  SERVER_PROCESS_SDK_INITIALIZATION_TIMEOUT:
    "A process did not call InitSDK within 5 minutes. Usual: it waits for something else first, or ServerSdkVersion of the build is 4.0.2.",
  SERVER_PROCESS_SDK_INITIALIZATION_FAILED:
    "A process could not reach GameLift: see the process's own log.",
  SERVER_PROCESS_PROCESS_READY_TIMEOUT:
    "A process called InitSDK and not ProcessReady: see its log for what it waits for.",
  SERVER_PROCESS_CRASHED:
    "A process ended without a word. GameLift starts another; three in a row are a fault of the build.",
  SERVER_PROCESS_TERMINATED_UNHEALTHY:
    "A process said three times that it is unhealthy, or nothing.",
  SERVER_PROCESS_FORCE_TERMINATED: "A process did not end within 5 minutes of being told.",
  GENERIC_EVENT: "",
};

/** Events that every fleet has on its way, and that say nothing is wrong. */
const PLAIN =
  /^(FLEET_CREATED|FLEET_STATE_(?!ERROR)\w+|FLEET_CREATION_(?!FAILED)\w+|FLEET_SCALING_EVENT|LOCATION_STATE_(?!ERROR)\w+|GENERIC_EVENT)$/;

export function isTrouble(code: string): boolean {
  return !PLAIN.test(code);
}

/** @returns What to do; nothing for an event that needs none, or is not known. */
export function adviceFor(code: string): string {
  return ADVICE[code] ?? "";
}
