// The environment variables of Spark on this machine.
import { javaHome } from "../setup/java.mjs";
import { at, python } from "../setup/files.mjs";

/** The environment of anything that starts Spark: the Java that was found, and the interpreter that the workers use too. */
export function sparkEnvironment() {
  return {
    ...process.env,
    JAVA_HOME: javaHome(),
    PYSPARK_PYTHON: python("job"),
    // Compiled modules: of the packages and of the project, whose own folders are shipped as they are.
    PYTHONPYCACHEPREFIX: at(".setup/pycache"),
    PYTHONDONTWRITEBYTECODE: undefined,
    // Spark of another installation must not get into the way of the one in the lock file.
    SPARK_HOME: undefined,
    SPARK_CONF_DIR: undefined,
  };
}
