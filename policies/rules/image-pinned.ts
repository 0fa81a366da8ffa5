import { isPinned, parseImage } from "../../domain/image.ts";
import { knownText, type ResourceRule } from "../rule.ts";
import { isMap } from "../value.ts";
import { inContainers, isWorkload } from "../workloads.ts";

export const imagePinned: ResourceRule = {
  name: "image-pinned",
  title: "Images are pinned by their digest",
  level: "mandatory in prod",
  why: "A tag can become another image without a deployment: nobody reviewed what the next shift runs, and going back to the deployment before does not bring the old one back.",
  remedy: "Pin it by its digest, @sha256:…: `gcloud artifacts docker images describe IMAGE:TAG` prints it.",
  from: [2],
  appliesTo: isWorkload,
  check: (resource) =>
    inContainers(resource, (container, path) =>
      !isMap(container)
        ? []
        : knownText(container, "image", (text) => {
            const image = parseImage(text);
            if (image !== undefined && isPinned(image)) return [];
            const what = image?.tag === undefined ? "has no digest" : `is the tag ${image.tag}`;
            return [{ problem: `${path}.image ${what}: it can become another image without a deployment.` }];
          }),
    ),
};
