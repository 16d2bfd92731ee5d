import { tour } from "./tour.ts";

tour("oldest");
