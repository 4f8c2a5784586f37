import type { CancelTimer, Clock } from "../clock.ts";
import type { Delivery, DeliveryCounts } from "./delivery.ts";
import { PLACEMENT_EVENT_LIMITS } from "./limits.ts";
import { type PlacementEvent, snsNotification, topicArnFor } from "./placement-event.ts";

/** The part of `fetch` that is used. */
export type Fetch = (
  url: string,
  init: {
    readonly method: "POST";
    readonly redirect: "manual";
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly body: { cancel(): Promise<void> } | null;
}>;

export interface HttpTargetOptions {
  readonly url: string;
  readonly isRaw: boolean;
  readonly clock: Clock;
  readonly print: (line: string) => void;
  readonly fetch: Fetch;
}

interface Message {
  readonly event: PlacementEvent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  tries: number;
}

/**
 * Posts each event to a subscriber as SNS does: any 2xx is an answer; 429, 5xx and no answer at all are tried again
 * after growing rests; everything else is final.
 */
export class HttpTarget implements Delivery {
  readonly #options: HttpTargetOptions;
  /** Without the query, where a secret may be. */
  readonly #name: string;
  readonly #held = new Set<Message>();
  readonly #waiting: Message[] = [];
  readonly #resting = new Map<Message, CancelTimer>();
  readonly #closed = new AbortController();
  #isClosing = false;
  #inFlight = 0;
  #delivered = 0;
  #lost = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: HttpTargetOptions) {
    this.#options = options;
    const { origin, pathname } = new URL(options.url);
    this.#name = `${origin}${pathname}`;
  }

  get counts(): DeliveryCounts {
    return { delivered: this.#delivered, lost: this.#lost };
  }

  deliver(event: PlacementEvent, topicArn: string): void {
    const message = this.#options.isRaw ? rawMessage(event, topicArn) : snsMessage(event, topicArn);
    const { heldPerTargetMax } = PLACEMENT_EVENT_LIMITS;
    if (this.#isClosing || this.#held.size >= heldPerTargetMax) {
      this.#lose(message, this.#isClosing ? "the emulator ends" : "too many are on their way");
      return;
    }
    this.#held.add(message);
    this.#waiting.push(message);
    this.#sendNext();
  }

  /** Who rests has failed before and is not waited for. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const [message, cancel] of this.#resting) {
      cancel();
      this.#lose(message, "the emulator ends");
    }
    this.#resting.clear();
    if (this.#held.size > 0) await this.#idle();
    this.#closed.abort();
    for (const message of [...this.#held]) this.#lose(message, "the emulator ends");
  }

  async #idle(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(PLACEMENT_EVENT_LIMITS.closeTimeoutMs, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }

  #sendNext(): void {
    while (this.#inFlight < PLACEMENT_EVENT_LIMITS.postsInFlightPerTargetMax) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#inFlight++;
      void this.#send(message);
    }
  }

  async #send(message: Message): Promise<void> {
    message.tries++;
    const answer = await this.#post(message);
    this.#inFlight--;
    // Lost and counted at the end already.
    if (this.#closed.signal.aborted) return;
    if (typeof answer === "number" && answer >= 200 && answer <= 299) {
      this.#delivered++;
      this.#forget(message);
    } else this.#failed(message, answer);
    this.#sendNext();
  }

  /** @returns The status of the answer, or why there is none. */
  async #post({ headers, body }: Message): Promise<number | string> {
    const { clock, fetch, url } = this.#options;
    const { answerTimeoutMs } = PLACEMENT_EVENT_LIMITS;
    const timeout = new AbortController();
    const cancel = clock.after(answerTimeoutMs, () => timeout.abort());
    const signal = AbortSignal.any([timeout.signal, this.#closed.signal]);
    try {
      const answer = await fetch(url, {
        method: "POST",
        redirect: "manual",
        headers,
        body,
        signal,
      });
      // The status is the whole answer. Cancelled, not awaited: a body without end must not hold others up.
      answer.body?.cancel().catch(() => {});
      return answer.status;
    } catch (error) {
      if (timeout.signal.aborted) return `no answer within ${answerTimeoutMs} ms`;
      return reasonOf(error);
    } finally {
      cancel();
    }
  }

  #failed(message: Message, answer: number | string): void {
    const { postRestsMs } = PLACEMENT_EVENT_LIMITS;
    const restMs = postRestsMs[message.tries - 1];
    const isWorthIt = typeof answer === "string" || answer === 429 || answer >= 500;
    if (!isWorthIt || restMs === undefined || this.#isClosing) {
      const why = typeof answer === "string" ? answer : `answered with ${answer}`;
      this.#lose(message, `${message.tries} tries, ${why}`);
      return;
    }
    const cancel = this.#options.clock.after(restMs, () => {
      this.#resting.delete(message);
      this.#waiting.push(message);
      this.#sendNext();
    });
    this.#resting.set(message, cancel);
  }

  #lose(message: Message, why: string): void {
    this.#lost++;
    const { type, placementId } = message.event.detail;
    this.#options.print(
      `placement event lost: ${type} of ${placementId} did not reach ${this.#name}: ${why}`,
    );
    this.#forget(message);
  }

  #forget(message: Message): void {
    this.#held.delete(message);
    if (this.#held.size === 0) this.#onIdle?.();
  }
}

/** Node's fetch says "fetch failed", its cause says what happened. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? (error instanceof Error ? error.message : String(error));
}

function headersFor(event: PlacementEvent, topicArn: string): Record<string, string> {
  return {
    "Content-Type": "text/plain; charset=UTF-8",
    "User-Agent": "Amazon Simple Notification Service Agent",
    "x-amz-sns-message-type": "Notification",
    "x-amz-sns-message-id": event.id,
    "x-amz-sns-topic-arn": topicArn,
    // One subscription for each target: the topic's ARN and an id.
    "x-amz-sns-subscription-arn": `${topicArn}:00000000-0000-4000-8000-000000000000`,
  };
}

function snsMessage(event: PlacementEvent, notificationTarget: string): Message {
  const topicArn = topicArnFor(event, notificationTarget);
  const body = JSON.stringify(snsNotification(event, topicArn));
  return { event, headers: headersFor(event, topicArn), body, tries: 0 };
}

function rawMessage(event: PlacementEvent, notificationTarget: string): Message {
  const headers = headersFor(event, topicArnFor(event, notificationTarget));
  const body = JSON.stringify(event);
  return { event, headers: { ...headers, "x-amz-sns-rawdelivery": "true" }, body, tries: 0 };
}
