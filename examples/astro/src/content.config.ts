import { defineCollection, z } from "astro:content";
import { file } from "astro/loaders";

// The photos as pixmill tells of them; each has its path in the inbox as its id. What the page does not use is left out here.
const photos = defineCollection({
  loader: file("src/data/pixmill.json"),
  schema: z.object({
    name: z.string(),
    album: z.string(),
    title: z.string().optional(),
    alt: z.string().default(""),
    camera: z.string().optional(),
    width: z.number(),
    height: z.number(),
    color: z.string(),
    placeholder: z.string(),
    transparent: z.boolean().default(false),
    src: z.string(),
    sources: z.array(z.object({ type: z.string(), srcset: z.string() })),
  }),
});

export const collections = { photos };
