// Sends an SMS with the Lisoloo API, then waits for what becomes of it. Node 18 or newer is all it needs.
//
//     export LISOLOO_BASE_URL=https://...      as the portal shows it, or the simulator's http://127.0.0.1:8080
//     export LISOLOO_APP_KEY=sk_test_...
//     node javascript_client.mjs +243998857000 "Your OTP is 482194"
//
// It polls. To take webhooks instead, say where they can reach you, and on which port you listen:
//
//     export LISOLOO_CALLBACK_URL=https://.../hook LISOLOO_PORT=9000
//
// It ends with 0 if everybody got the message, with 1 if not, with 2 if the gateway refused it.

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const env = process.env;
const API = env.LISOLOO_BASE_URL.replace(/\/+$/, "") + "/api/v1/lisoloo/sms-api";
const CALLBACK_URL = env.LISOLOO_CALLBACK_URL;
const PORT = Number(env.LISOLOO_PORT ?? 9000);
const POLL_MS = 1000 * Number(env.LISOLOO_POLL_S ?? 2);

const FINAL = new Set([
  "delivered", "partially_delivered", "delivery_unknown", "undelivered", "rejected", "expired", "failed",
]);
const ATTEMPTS = 5;

// The gateway answered with an error. Branch on `code`, and never on the text.
class Refused extends Error {
  constructor(status, body) {
    const fields = (body.details ?? []).map((row) => `${row.field}: ${row.message}`).join("; ");
    super(`${status} ${body.error_code} ${body.message ?? body.detail} ${fields}`.trim());
    this.code = body.error_code;
  }
}

// One request; again after Retry-After where the gateway says that this may help.
async function call(method, path, body) {
  const headers = { "app-key": env.LISOLOO_APP_KEY, "Content-Type": "application/json" };
  for (let attempt = 1; ; attempt++) {
    const request = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000) };
    const response = await fetch(API + path, request);
    const answer = await response.json();
    if (response.ok) return answer.data;
    if (!answer.retryable || attempt === ATTEMPTS) throw new Refused(response.status, answer);
    await sleep(1000 * Number(response.headers.get("Retry-After") ?? 60));
  }
}

// Returns the message_id.
async function send(to, text) {
  const message = { to, message: text, sender_id: "DIGI" };
  if (CALLBACK_URL) message.callback_url = CALLBACK_URL;
  const sent = await call("POST", "/send", message);
  console.log(`${sent.message_id} costs ${sent.total_cost} ${sent.currency}`);
  return sent.message_id;
}

// Asks until every recipient's status is final.
async function poll(messageId) {
  for (;;) {
    const { recipients } = await call("GET", `/status/${messageId}`);
    if (recipients.every((row) => FINAL.has(row.status))) {
      return new Map(recipients.map((row) => [row.recipient_phone, row.status]));
    }
    await sleep(POLL_MS);
  }
}

// Takes events. They come in any order, from several connections, and perhaps more than once.
class Webhooks {
  seen = new Set();
  finals = new Map(); // message_id -> recipient_phone -> status
  changed = () => {};

  async listen() {
    this.server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      response.writeHead(204).end();
      this.take(JSON.parse(Buffer.concat(chunks)));
    });
    await new Promise((listening) => this.server.listen(PORT, listening));
  }

  take(event) {
    if (this.seen.has(event.event_id)) return;
    this.seen.add(event.event_id);
    const { recipient_phone: phone, status = "delivered" } = event.data;
    console.log(event.event_type, phone ?? "");
    if (event.event_type === "sms.delivered" || event.event_type === "sms.failed") {
      if (!this.finals.has(event.message_id)) this.finals.set(event.message_id, new Map());
      this.finals.get(event.message_id).set(phone, status);
      this.changed();
    }
  }

  // Until every recipient of this message has come to its end.
  async wait(messageId, recipients) {
    while ((this.finals.get(messageId)?.size ?? 0) < recipients) {
      await new Promise((changed) => { this.changed = changed; });
    }
    this.server.close();
    this.server.closeAllConnections();
    return this.finals.get(messageId);
  }
}

const to = process.argv.slice(2, -1);
const text = process.argv.at(-1);
try {
  const listener = CALLBACK_URL && new Webhooks();
  await listener?.listen();
  const messageId = await send(to, text);
  const ends = listener ? await listener.wait(messageId, new Set(to).size) : await poll(messageId);
  for (const [phone, status] of ends) console.log(phone, status);
  process.exitCode = [...ends.values()].every((status) => status === "delivered") ? 0 : 1;
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(error.message);
  process.exit(2);
}
