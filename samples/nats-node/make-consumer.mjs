// node make-consumer.mjs STREAM CONSUMER SUBJECT [URL]; NATS_USER, NATS_PASSWORD where needed
import { AckPolicy, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const [stream, name, subject, servers] = process.argv.slice(2);
const { NATS_USER: user, NATS_PASSWORD: pass } = process.env;
const connection = await connect({ servers, user, pass });
const manager = await jetstreamManager(connection);
await manager.consumers.add(stream, {
  durable_name: name,
  filter_subject: subject,
  ack_policy: AckPolicy.Explicit,
});
await connection.close();
