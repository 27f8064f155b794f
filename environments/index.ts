import { dev } from "./dev";
import { prod } from "./prod";
import { staging } from "./staging";
import { Environment } from "./types";

/** Every environment of the platform; a fourth is one more file. */
export const environments: readonly Environment[] = [dev, staging, prod];
