/**
 * Answers HTTP requests one at a time on each connection, and in turns over the addresses they come from. Node itself
 * would hand over every pipelined request at once, and keep all their answers in memory until they are read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_PIPELINED, MAX_WAITING } from '../../access/http-limits.ts';
import { guard, type Report } from '../lifecycle.ts';
import type { TaskQueue } from './task-queue.ts';

export interface RequestQueueOptions {
  /** Answers one request. What is left to do later is to be done `inTurn`, unless the connection is closed by then. */
  readonly answer: (request: IncomingMessage, response: ServerResponse, inTurn: (run: () => void) => void) => void;
  /** What requests take turns and are counted for, such as the network of the client's address. */
  readonly sourceOf: (request: IncomingMessage) => string;
  /** Called with the request with which too many wait, once its connection is closed for that. */
  readonly onFlood: (request: IncomingMessage) => void;
  /** Reports a bug of ours. */
  readonly report: Report;
}

/** The requests of one connection: that which is being answered, and those behind it. */
interface Pipeline {
  readonly source: string;
  readonly waiting: Exchange[];
  /** Forgets the requests when their connection is closed. */
  readonly onClose: () => void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class RequestQueue {
  readonly #taskQueue: TaskQueue;
  readonly #answer: RequestQueueOptions['answer'];
  readonly #sourceOf: RequestQueueOptions['sourceOf'];
  readonly #onFlood: RequestQueueOptions['onFlood'];
  readonly #report: Report;
  readonly #pipelines = new Map<Duplex, Pipeline>();
  /** How many requests of a source wait behind others of their connection. */
  readonly #waiting = new Map<string, number>();

  constructor(taskQueue: TaskQueue, { answer, sourceOf, onFlood, report }: RequestQueueOptions) {
    this.#taskQueue = taskQueue;
    this.#answer = answer;
    this.#sourceOf = sourceOf;
    this.#onFlood = onFlood;
    this.#report = report;
  }

  /** Connections with a request that has not been answered completely. */
  get open(): number {
    return this.#pipelines.size;
  }

  /** Whether a request of this connection has not been answered completely. */
  isBusy(socket: Duplex): boolean {
    return this.#pipelines.has(socket);
  }

  /** Takes a request, to be answered when it is its turn. A connection with too many requests waiting is closed. */
  add(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (isOver(socket)) return;
    const pipeline = this.#pipelines.get(socket);
    if (!pipeline) {
      const onClose = guard(() => this.#end(socket), this.#report);
      const first = { source: this.#sourceOf(request), waiting: [], onClose };
      this.#pipelines.set(socket, first);
      socket.once('close', onClose);
      return this.#begin(first, { request, response });
    }
    const waiting = this.#count(pipeline.source, 1);
    pipeline.waiting.push({ request, response });
    if (pipeline.waiting.length <= MAX_PIPELINED && waiting <= MAX_WAITING) return;
    // Only this one: somebody else may be behind the same address. Node parses nothing more of it (messages.ts).
    socket.destroy();
    this.#onFlood(request);
  }

  #begin(pipeline: Pipeline, { request, response }: Exchange): void {
    const { socket } = request;
    // Comes once the answer has been handed to the operating system, or its connection is closed.
    response.once(
      'close',
      guard(() => this.#next(pipeline, socket), this.#report),
    );
    const inTurn = (run: () => void) =>
      this.#taskQueue.add(() => {
        if (!isOver(socket)) run();
      }, pipeline.source);
    inTurn(() => this.#answer(request, response, inTurn));
  }

  #next(pipeline: Pipeline, socket: Duplex): void {
    const next = isOver(socket) ? undefined : pipeline.waiting.shift();
    if (!next) return this.#end(socket);
    this.#count(pipeline.source, -1);
    this.#begin(pipeline, next);
  }

  #end(socket: Duplex): void {
    const pipeline = this.#pipelines.get(socket);
    if (!pipeline) return;
    this.#pipelines.delete(socket);
    socket.off('close', pipeline.onClose);
    this.#count(pipeline.source, -pipeline.waiting.length);
    pipeline.waiting.length = 0;
  }

  #count(source: string, change: number): number {
    const count = (this.#waiting.get(source) ?? 0) + change;
    if (count > 0) this.#waiting.set(source, count);
    else this.#waiting.delete(source);
    return count;
  }
}

/** Whether no further answer can be sent. Node gives a response to such a connection no `close`. */
function isOver({ destroyed, writableEnded }: Duplex): boolean {
  return destroyed || writableEnded;
}
