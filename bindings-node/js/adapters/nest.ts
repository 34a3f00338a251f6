/** Webhooks for NestJS, on Express and on Fastify. */
import type { IncomingMessage } from "node:http";
import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  HttpException,
  type NestInterceptor,
} from "@nestjs/common";
import { catchError, concatMap, from, type Observable, of, throwError } from "rxjs";
import type { ReceiverOptions, SecretSource } from "../../../bindings-js/adapters/options.js";
import { Receiver } from "../../../bindings-js/adapters/receiver.js";
import type { OutOfFile, PayloadOf, SchemeFile, SchemeLike, Verified } from "../../../bindings-js/index.js";
import { bodyOf, headOf, type ParsedRequest } from "./node-request.js";

export type { RawRequest, ReceiverOptions, Secret, SecretSource } from "../../../bindings-js/adapters/options.js";

/** What this package uses of the platform's request. */
export interface NestRequest extends ParsedRequest {
  readonly originalUrl: string;
  readonly protocol: string;
  readonly headers: { host?: string | undefined };
  /** Node's request, on Fastify. */
  readonly raw?: IncomingMessage;
}

interface NestResponse {
  status(status: number): unknown;
  header(name: string, value: string): unknown;
}

/** Where the interceptor leaves the event for `WebhookEvent`. */
const EVENT = Symbol("hookseal.event");

/**
 * Makes an interceptor: answers handshakes, verifies, and has the event ready for a parameter with `@WebhookEvent()`.
 * Needs the raw body: `NestFactory.create(AppModule, { rawBody: true })`. On Express, Nest itself refuses bodies of more
 * than 100 KB, before this sees them: `app.useBodyParser("json", { limit: "2mb" })`.
 *
 *     @Post("hooks")
 *     @UseInterceptors(webhook("github", secret))
 *     receive(@WebhookEvent() event: Verified<Push>) { console.log(event.type); }
 *
 * @param secret the secret, or a function that takes it from the request
 * @throws {WebhookError} as `new Webhook`, where the secret is known
 */
export function webhook<const Scheme extends SchemeLike | SchemeFile>(
  scheme: Scheme & OutOfFile<Scheme>,
  secret: SecretSource<NestRequest>,
  options?: ReceiverOptions<NestRequest>,
): NestInterceptor {
  const receiver = new Receiver<PayloadOf<Scheme>, NestRequest>("nest", scheme, secret, options);
  return {
    async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      const http = context.switchToHttp();
      const request = http.getRequest<NestRequest>();
      const node = request.raw ?? (request as unknown as IncomingMessage);
      const { protocol, headers, originalUrl } = request;
      const head = headOf(node, originalUrl, `${protocol}://${headers.host ?? "localhost"}`);
      const received = await receiver.receive(request, head, bodyOf(node, request));
      if ("answer" in received) {
        const { status, headers, body } = received.answer;
        const response = http.getResponse<NestResponse>();
        for (const [name, value] of Object.entries(headers)) response.header(name, value);
        if (status >= 400) throw new HttpException(JSON.parse(body ?? "{}") as object, status);
        response.status(status);
        return of(body ?? "");
      }
      const { event, settle } = received.delivery;
      (request as { [EVENT]?: Verified })[EVENT] = event;
      return next.handle().pipe(
        concatMap((value) => from(settle(true).then(() => value))),
        catchError((thrown: unknown) => from(settle(false)).pipe(concatMap(() => throwError(() => thrown)))),
      );
    },
  };
}

/** The event that the interceptor verified, as a parameter of the handler. */
export const WebhookEvent: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): Verified | undefined =>
    context.switchToHttp().getRequest<{ [EVENT]?: Verified }>()[EVENT],
);
