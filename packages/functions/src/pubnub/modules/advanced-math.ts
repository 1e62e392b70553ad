/** Of the earth, in miles. */
const RADIUS = 3_959;

/**
 * `advanced_math` of PubNub.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/advanced-math
 */
export const advancedMath = {
  /** Miles between two places, given in degrees, on a sphere. */
  getDistance(lat1: number, lon1: number, lat2: number, lon2: number): number {
    const { deg2rad } = advancedMath;
    const haversine =
      Math.sin(deg2rad(lat2 - lat1) / 2) ** 2 +
      Math.cos(deg2rad(lat1)) * Math.cos(deg2rad(lat2)) * Math.sin(deg2rad(lon2 - lon1) / 2) ** 2;
    return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(haversine)));
  },
  /** Degrees as radians. */
  deg2rad: (degrees: number): number => (degrees * Math.PI) / 180,
};
