import { imageProblem, parseImage, registryProject } from "../../domain/image.ts";
import { knownText, type ResourceRule } from "../rule.ts";
import { isMap } from "../value.ts";
import { inContainers, isWorkload } from "../workloads.ts";

export const imageRegistry: ResourceRule = {
  name: "image-registry",
  title: "Images come from Artifact Registry",
  level: "mandatory",
  why: "Container Registry is shut down, and a public registry can be slow, limited or someone else's tomorrow, in the minute in which a clinic opens.",
  remedy: "Push it to Artifact Registry: LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE@sha256:….",
  from: [3],
  parameters: {
    registries: {
      default: [],
      meaning:
        "What an image's name must begin with, such as `us-central1-docker.pkg.dev/my-project/`; with none, any Artifact Registry will do",
    },
  },
  appliesTo: isWorkload,
  check: (resource, { parameters: { registries = [] } }) =>
    inContainers(resource, (container, path) =>
      !isMap(container)
        ? []
        : knownText(container, "image", (text) => {
            const image = parseImage(text);
            const project = image === undefined ? undefined : registryProject(image);
            if (image === undefined || project === undefined) {
              // The settings' own words for what they refuse too: no reference at all, Container Registry.
              const { problem = `it comes from ${image?.host}.` } = imageProblem(text) ?? {};
              return [{ problem: `${path}.image: ${problem}` }];
            }
            if (registries.length === 0 || registries.some((prefix) => text.startsWith(prefix))) return [];
            return [
              {
                problem: `${path}.image comes from ${image.host}/${project}, which is none of the allowed registries.`,
                remedy: `Push it to one of ${registries.join(", ")}.`,
              },
            ];
          }),
    ),
};
