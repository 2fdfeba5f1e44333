import { useEffect, useState } from "preact/hooks";
import type { Model } from "./use-model.ts";

/** What the network did for a model. */
export interface Transfer {
  readonly requests: number;
  /** Of bodies; none that came from a cache. */
  readonly bytes: number;
}

/** As the browser measures it; null before anything came, and of files. */
export function useTransfer({ address, since }: Model): Transfer | null {
  const [transfer, setTransfer] = useState<Transfer | null>(null);
  useEffect(() => {
    setTransfer(null);
    const observer = new PerformanceObserver((list) => {
      const own = (list.getEntries() as PerformanceResourceTiming[]).filter(
        ({ name, startTime }) => name === address && startTime >= since,
      );
      if (own.length === 0) return;
      const bytes = own.reduce((sum, entry) => sum + (entry.transferSize > 0 ? entry.encodedBodySize : 0), 0);
      setTransfer((before) => ({
        requests: (before?.requests ?? 0) + own.length,
        bytes: (before?.bytes ?? 0) + bytes,
      }));
    });
    observer.observe({ type: "resource", buffered: true });
    return () => observer.disconnect();
  }, [address, since]);
  return transfer;
}
