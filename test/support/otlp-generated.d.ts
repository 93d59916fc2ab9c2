/** Generated code without types of its own; who reads it says what it is. */
declare module '@opentelemetry/otlp-transformer/build/src/generated/root.js' {
  const root: object
  export default root
}
