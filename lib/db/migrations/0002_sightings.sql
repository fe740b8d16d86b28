CREATE TABLE "lane_counts" (
	"resolution" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"lane" text NOT NULL,
	"sessions" integer NOT NULL,
	CONSTRAINT "lane_counts_resolution_at_lane_pk" PRIMARY KEY("resolution","at","lane")
);
--> statement-breakpoint
CREATE TABLE "mirror_samples" (
	"at" timestamp with time zone PRIMARY KEY NOT NULL,
	"waiting" integer NOT NULL,
	"dead" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sightings" (
	"session_key" text PRIMARY KEY NOT NULL,
	"lane" text NOT NULL,
	"first_seen" timestamp with time zone NOT NULL,
	"last_seen" timestamp with time zone NOT NULL,
	"previously_seen" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "sightings_lane" ON "sightings" USING btree ("lane","last_seen");