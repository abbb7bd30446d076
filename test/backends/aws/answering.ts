/** An HTTP server that answers each request as it is told, for what no server of ours does by itself. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (response: ServerResponse) => void;

export interface Answering {
  readonly endpoint: string;
  /** Requests that came. */
  readonly requests: () => number;
  close(): void;
}

/** Answers in turn, the last one again and again. */
export async function answering(...answers: readonly Answer[]): Promise<Answering> {
  let requests = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests++, answers.length - 1)];
    request.resume().on('end', () => answer?.(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An error as the JSON protocol of AWS says it. */
export function refuses(status: number, name: string, message = 'because'): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${name}`, message }));
  };
}

export function accepts(body: object): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(body));
  };
}

export const hangsUp: Answer = (response) => response.socket?.destroy();
