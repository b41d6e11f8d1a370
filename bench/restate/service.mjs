// What Restate does beside AgentFlow: a handler of sequential durable steps that do nothing.
// node service.mjs STEPS RESULT_BYTES; prints the port on which it listens.

// Node 20 does not have this yet, and the SDK uses it.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((onFulfilled, onRejected) => {
    resolve = onFulfilled;
    reject = onRejected;
  });
  return { promise, resolve, reject };
};

const restate = await import("@restatedev/restate-sdk");

const [steps, resultBytes] = process.argv.slice(2).map(Number);
const result = "x".repeat(resultBytes);

const workflow = restate.service({
  name: "Workflow",
  handlers: {
    run: async (context) => {
      let last = "";
      for (let step = 1; step <= steps; step++) {
        last = await context.run(`s${step}`, () => result);
      }
      return last;
    },
  },
});

// Its log goes to the error output: the port stands alone.
const quiet = () => {};
const port = await restate.serve({ services: [workflow], port: 0, logger: quiet });
console.log(port);
