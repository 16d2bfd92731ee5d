import { tour } from "./tour.ts";

tour("newest");
