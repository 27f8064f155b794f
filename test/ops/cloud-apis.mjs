// Stand-in for the cloud's APIs that `npm run deploy` calls itself: `node cloud-apis.mjs LOG [REFUSED]` prints its
// address, writes every request to LOG and refuses those whose path holds REFUSED.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const [log, refused] = process.argv.slice(2);
const server = createServer(({ method, url, headers }, response) => {
  appendFileSync(log, `${method} ${url} ${headers.authorization} ${headers["x-goog-user-project"]}\n`);
  if (refused !== undefined && url.includes(refused)) return void response.writeHead(403).end("{}");
  // An operation is done at the second look.
  const answer = url.includes(":generate")
    ? { name: "operations/one" }
    : url.includes("operations/")
      ? { done: true }
      : {};
  response.end(JSON.stringify(answer));
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
