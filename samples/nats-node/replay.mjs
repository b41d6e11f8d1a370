// node replay.mjs TENANT REPLAY_ID MESSAGES [URL]: the position of each message, and whether it has
// the hash that it says. Exit 1 where one has not, or one is missing.
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { isIntact } from "./envelope.mjs";

const SILENT_MS_MAX = 10_000;
const [tenant, replayId, expected, servers] = process.argv.slice(2);
const connection = await connect({ servers });
const consumer = await jetstream(connection).consumers.get("AF_REPLAYS", {
  filter_subjects: `af.${tenant}.replay.${replayId}.>`,
});
let messages = 0;
let altered = 0;
while (messages < Number(expected)) {
  const message = await consumer.next({ expires: SILENT_MS_MAX });
  if (message === null) {
    break;
  }
  const intact = isIntact(message.json());
  messages += 1;
  altered += intact ? 0 : 1;
  console.log(message.headers.get("AF-Position"), intact ? "intact" : "ALTERED");
}
await connection.close();
process.exitCode = messages === Number(expected) && altered === 0 ? 0 : 1;
