import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Stack, documents } from "./documents";

const root = join(__dirname, "../..");
const stack = (environment: string): Stack =>
  JSON.parse(readFileSync(join(root, "cdktf.out/stacks", environment, "cdk.tf.json"), "utf8")) as Stack;

for (const [file, content] of documents(stack)) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), content);
  console.log(file);
}
