export default function (config) {
  config.addPassthroughCopy("photos"); // pixmill's output
  config.ignores.add("photos"); // and nothing in it is a template
}
