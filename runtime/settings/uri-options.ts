/**
 * What the driver takes behind the ? of a URI, by what it is set to. It refuses all else, but only when it is loaded, and
 * that is when a worker already runs without its leases.
 *
 * https://www.mongodb.com/docs/manual/reference/connection-string-options/ (November 2026), and driver 7.9.0 itself
 */
export const uriOptions = {
  switches: names(`
    autoSelectFamily bsonRegExp checkKeys directConnection enableOverloadRetargeting enableUtf8Validation
    forceServerObjectId fsync ignoreUndefined j journal loadBalanced monitorCommands noDelay promoteBuffers promoteLongs
    promoteValues raw retryReads retryWrites serializeFunctions ssl tls tlsAllowInvalidCertificates
    tlsAllowInvalidHostnames tlsInsecure useBigInt64`),
  numbers: names(`
    autoSelectFamilyAttemptTimeout connectTimeoutMS family heartbeatFrequencyMS localThresholdMS maxAdaptiveRetries
    maxConnecting maxIdleTimeMS maxPoolSize maxStalenessSeconds minHeartbeatFrequencyMS minInternalBufferSize minPoolSize
    mongodbLogMaxDocumentLength proxyPort serverSelectionTimeoutMS socketTimeoutMS srvMaxHosts waitQueueTimeoutMS wtimeout
    wtimeoutMS zlibCompressionLevel`),
  texts: names(`
    appName authMechanism authMechanismProperties authSource compressors dbName mongodbLogPath proxyHost proxyPassword
    proxyUsername readConcernLevel readPreference readPreferenceTags replicaSet serverMonitoringMode servername
    srvAllowedHostsSuffix srvServiceName timeoutMS tlsCAFile tlsCRLFile tlsCertificateKeyFile
    tlsCertificateKeyFilePassword w`),
} as const;

/** May be there several times, and be empty at the end: any server, where none has the tags before. In lower case. */
const preferenceTags = "readpreferencetags";

export const uriOptionNames: readonly string[] = Object.values(uriOptions).flat();

/**
 * Why the driver refuses an option, to be said after its name.
 *
 * @param key in lower case: the driver takes any
 * @param times how often it is there, in this spelling: the driver looks no further
 * @returns undefined when it takes it, as far as can be seen without it
 */
export function uriOptionProblem(key: string, value: string, times: number): string | undefined {
  const isOne = (of: readonly string[]) => of.some((name) => name.toLowerCase() === key);
  if (!isOne(uriOptionNames)) return "is no option of the runtime's driver, whatever another language's may know";
  if (key === preferenceTags) return undefined;
  if (times > 1) return "is there more than once";
  if (value === "") return "is set to nothing";
  if (isOne(uriOptions.switches) && !/^(true|false)$/.test(value)) return "is neither true nor false";
  if (isOne(uriOptions.numbers) && !/^-?\d+$/.test(value)) return "is not a whole number";
  return undefined;
}

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
