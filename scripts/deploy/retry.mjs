// What Google refuses only for a while: it confirms an enabled API, a service agent or a grant some time before every part
// of it knows, and the provider does not ask again.
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { run } from "../lib/process.mjs";

/** Text of an error, and the reason that it passes by itself. */
export const RETRIED = [
  [/has not been used in project .* before or it is disabled/, "an API is not enabled everywhere yet"],
  [/Service account [\w@.-]+ does not exist/, "a service agent does not exist yet"],
  [/Per-Product Per-Project Service Account is not found/, "a service agent does not exist yet"],
  [/Permission denied on Cloud KMS key|useToEncrypt/, "a grant on a key is not in force yet"],
  [
    /grant Cloud KMS CryptoKey Encrypter\/Decrypter|CryptoKey Encrypter\/Decrypter role/,
    "a grant on a key is not in force yet",
  ],
  [/lacks the role roles\/cloudkms\.cryptoKeyEncrypterDecrypter/, "a grant on a key is not in force yet"],
  [/could not be found\. .*(?:metric|descriptor)/s, "a new metric is not known everywhere yet"],
];

const PAUSE_SECONDS = 60;
export const TRIES = 3;

/**
 * @param {string} text output of an apply that failed
 * @returns {string[]} the reasons to try again; none when any of the errors does not pass by itself
 */
export function reasonsToRetry(text) {
  const plain = stripVTControlCharacters(text).replaceAll(/[│╷╵]/g, "");
  const errors = plain.split(/^\s*Error: /m).slice(1);
  const reasons = errors.map(
    (error) => RETRIED.find(([pattern]) => pattern.test(error.replaceAll(/\s+/g, " ")))?.[1],
  );
  return reasons.includes(undefined) ? [] : [...new Set(reasons)];
}

/** Waits with the system's command, which a test can stand in for. */
export const pause = () => run("sleep", [String(PAUSE_SECONDS)]);

/**
 * Runs a command with its output on this terminal, and returns it too.
 * @returns {Promise<{ code: number, text: string }>}
 */
export function runAndRead(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["inherit", "pipe", "pipe"] });
    const parts = [];
    const forward = () => child.kill("SIGTERM");
    const ignore = () => undefined;
    process.on("SIGTERM", forward).on("SIGINT", ignore);
    for (const [stream, own] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])
      stream.setEncoding("utf8").on("data", (data) => (parts.push(data), own.write(data)));
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("SIGTERM", forward).off("SIGINT", ignore);
      resolve({ code: code ?? 1, text: parts.join("") });
    });
  });
}
