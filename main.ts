import { App } from "cdktf";
import { findArtifacts } from "./constructs/artifact-files";
import { environments } from "./environments";
import { SalesPlatformStack } from "./stacks/sales-platform-stack";

const app = new App();
const files = findArtifacts(__dirname);
for (const environment of environments) new SalesPlatformStack(app, environment.name, environment, files);
app.synth();
