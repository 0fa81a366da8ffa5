/**
 * What each habit of the simulated cloud is for: the scenario that notices when it is switched off. A habit that none
 * notices would be decoration.
 */
import * as type from "../support/cloud/names.ts";

const grants = [type.SECRET_GRANT, type.JOB_GRANT, type.SERVICE_GRANT];
void grants;

export const noticedBy: Readonly<Record<string, string>> = {
  "the API is not enabled": "what is declared in a project whose API nobody enabled is refused",
  "the name is taken": "what Google made, and the engine never heard of, is refused as taken until it is imported",
  "the image is missing": "a Job whose image is missing fails the up by name, and nothing starts it",
  "the secret's version is missing":
    "a Job whose secret's version is missing fails the up by name, and nothing starts it",
  "the account may not read the secret": "what is declared as a Job whose account may not read its secret is refused",
  "the grant has not arrived yet":
    "a Job that is created before its grants have arrived is said to be broken, and looks finished afterwards",
  "the account of a binding is unknown": "what is declared for an account that does not exist yet is refused",
  "what a binding is on is missing": "what is declared on something that does not exist yet is refused",
  "it is protected from deletion":
    "a Job whose deletion protection was never lifted is not deleted, even when the engine's own is",
  "it is still referred to": "a channel that a policy of somebody else still tells is not deleted",
};
