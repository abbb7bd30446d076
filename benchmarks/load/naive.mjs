/** The naive pacer: a timer for each message, set when the last one fired. Its rate drifts. */
export function drift({ ratePerSecond, seconds }) {
  return new Promise((resolve) => {
    const start = performance.now();
    let sent = 0;
    const next = () => {
      sent += 1;
      const elapsed = performance.now() - start;
      if (elapsed >= seconds * 1000) resolve({ sentPerSecond: (sent * 1000) / elapsed });
      else setTimeout(next, 1000 / ratePerSecond);
    };
    next();
  });
}
