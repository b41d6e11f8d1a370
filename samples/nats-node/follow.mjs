// node follow.mjs STREAM CONSUMER [URL]; NATS_USER, NATS_PASSWORD, NATS_PREFIX where they are needed
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { isIntact } from "./envelope.mjs";

const [stream, name, servers] = process.argv.slice(2);
const { NATS_USER: user, NATS_PASSWORD: pass, NATS_PREFIX: apiPrefix = "$JS.API" } = process.env;
const connection = await connect({ servers, user, pass });
const consumer = await jetstream(connection, { apiPrefix }).consumers.get(stream, name);
for await (const message of await consumer.consume()) {
  const told = message.json();
  if ("envelope_hash" in told && !isIntact(told)) {
    message.term("its hash is wrong"); // never to be delivered again; tell somebody
    continue;
  }
  console.log(message.headers.get("AF-Position"), message.subject, JSON.stringify(told));
  message.ack(); // once it is done: what is not acknowledged comes again
}
