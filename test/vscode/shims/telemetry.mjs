// Takes the place of the telemetry packages: nothing is ever sent.

export class AppInsightsCore {
  initialize() {}
  addTelemetryInitializer() {}
  track() {}
  unload(_async, done) {
    done();
  }
}

export class PostChannel {}
